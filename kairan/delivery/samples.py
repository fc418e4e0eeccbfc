"""What a sender sends when it is given nothing: a first message that shows that everything is connected.

The files are put into their buckets by every deploy.
"""

from kairan.line.client import Message

SAMPLE_TEXT = "Hello from Kairan! This is the sample text: your LINE Official Account is connected."
SAMPLE_SPEECH = "こんにちは、カイランです。これは見本の声のメッセージです。"
"""Hello, this is Kairan. This is the sample voice message."""
SAMPLE_IMAGE = "sample_image.jpg"
SAMPLE_AUDIO = "sample_audio.mp3"
SAMPLE_VIDEO = "sample_video.mp4"
SAMPLE_COVER = "sample_image.jpg"
"""In the video bucket too."""

SAMPLE_MESSAGES: tuple[Message, ...] = (
    {
        "type": "flex",
        "altText": "Hello from Kairan!",
        "contents": {
            "type": "bubble",
            "body": {
                "type": "box",
                "layout": "vertical",
                "spacing": "md",
                "contents": [
                    {"type": "text", "text": "Hello from Kairan!", "weight": "bold", "size": "xl"},
                    {
                        "type": "text",
                        "text": "This is the sample Flex message: your LINE Official Account is connected.",
                        "wrap": True,
                    },
                ],
            },
            "footer": {
                "type": "box",
                "layout": "vertical",
                "contents": [
                    {
                        "type": "button",
                        "style": "primary",
                        "action": {"type": "message", "label": "Say hello back", "text": "Hello!"},
                    }
                ],
            },
        },
    },
)
