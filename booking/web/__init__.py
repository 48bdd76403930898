"""The browser's door: HTML pages and forms, one file per page family."""
