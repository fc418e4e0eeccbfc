"""The whole of Kairan on one machine: emulated AWS, a simulated LINE platform, and the real `cdk deploy` between them."""
