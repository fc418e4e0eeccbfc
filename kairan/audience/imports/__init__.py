"""Files of people, as other systems write them: read line by line, in constant memory."""
