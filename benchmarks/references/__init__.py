"""The same functions, written in the common way with LINE's SDK and boto3. They are measured, never deployed."""
