"""The door of the officers' page: cookies, templates, HTML routes and the stream that keeps a screen fresh."""
