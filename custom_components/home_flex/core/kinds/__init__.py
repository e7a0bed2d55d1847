"""One file per kind of flexibility, behind small protocols; tables name the kinds there are."""
