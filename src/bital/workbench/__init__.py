"""One function per thing a user does; the command line, the web and lessons are skins of it."""
