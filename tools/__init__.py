"""What developers use: the installer, the tools' environment, the browser of the tests, the pictures of the docs."""
