"""The local cloud: all of Kairan on this machine, with emulated AWS, a simulated LINE platform and a speech engine."""
