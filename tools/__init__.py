"""What the project is worked with: installing it, running its tools, the browser of the tests, the pictures of the docs."""
