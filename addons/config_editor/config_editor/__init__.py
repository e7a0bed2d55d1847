"""The configuration editor of a home: hass-configurator behind a guard, off unless asked for."""
