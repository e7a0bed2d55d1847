"""Builds every image of a home with buildah, and tries what came out.

Where no registry is in reach, each base is a stand-in: a small Debian with Python, nginx and Mosquitto, and
with words of Alpine's (``apk`` installs nothing: it is all there). RUN and COPY are carried out unmodified.
"""
