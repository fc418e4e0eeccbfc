"""What a sender sends when its caller writes no data: a first message that shows that everything is connected.

`kairan.contract` names the sample files.
"""

from kairan.messengers.port import NativeObject

SAMPLE_TEXT = "Hello from Kairan! This is the sample text: your LINE Official Account is connected."
SAMPLE_SPEECH = "こんにちは、カイランです。これは見本の声のメッセージです。"
"""Hello, this is Kairan. This is the sample voice message."""

SAMPLE_MESSAGES: tuple[NativeObject, ...] = (
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
