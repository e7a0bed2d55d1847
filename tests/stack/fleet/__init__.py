"""The operator's fleet tool and the enrolment service, against real servers and a fake of balena's API."""
