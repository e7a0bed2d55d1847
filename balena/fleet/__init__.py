"""The operator's fleet tool.

Enrols homes, sets their variables, rolls releases out, rotates, revokes and erases.
"""
