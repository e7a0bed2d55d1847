"""What strangers send is parsed without a crash or a reading that cannot be; what reaches much is kept."""
