"""How properties are searched: never against the clock, and anew on each run but where a change is judged."""

import os

from hypothesis import settings

settings.register_profile("search", deadline=None)
# A change passes or fails by what it changes, and not by chance.
settings.register_profile("judge", deadline=None, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "search"))
