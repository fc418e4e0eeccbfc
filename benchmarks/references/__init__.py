"""The same functions as they are commonly written, with LINE's SDK and boto3. They are measured, never deployed."""
