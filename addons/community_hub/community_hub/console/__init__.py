"""The console in the browser: its built files, and what only it asks for."""
