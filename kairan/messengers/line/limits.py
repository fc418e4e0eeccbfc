"""LINE's limits, each with the section of the Messaging API reference that states it.

Lengths count UTF-16 code units unless a name says `GRAPHEMES` or `CODE_POINTS`; see `kairan.text`.
"""

from datetime import datetime

# "Send push message", "Send multicast message"
MAX_MESSAGES = 5
MAX_MULTICAST_RECIPIENTS = 500

# The properties themselves: a file that LINE's apps fetch
MAX_MEDIA_URL = 2_000

# "URI action", since 27 October 2026; "Imagemap URI action object" and `externalLink` of "Imagemap message"
MAX_LINK = 10_000
MAX_IMAGEMAP_LINK = 1_000

# "Text message", "Text message (v2)"
MAX_TEXT = 5_000
MAX_EMOJIS = 20
MAX_SUBSTITUTIONS = 100
MAX_SUBSTITUTIONS_OF_A_KIND = 20
MAX_SUBSTITUTION_KEY = 20

# "Image message", "Video message", "Audio message"
MAX_IMAGE_BYTES = 10_000_000
MAX_PREVIEW_BYTES = 1_000_000
MAX_VIDEO_BYTES = 200_000_000
MAX_AUDIO_BYTES = 200_000_000
MAX_AUDIO_DURATION_MS = 24 * 60 * 60 * 1000
"""LINE states none. More than a day is a mistake: people would see it on the voice message."""
MAX_TRACKING_ID = 100

# "Location message"
MAX_LOCATION_TITLE = 100
MAX_LOCATION_ADDRESS = 100

# "Imagemap message", "Template messages", "Flex Message"
MAX_ALT_TEXT = 1_500

# "Imagemap message" and "Imagemap action objects"
IMAGEMAP_WIDTH = 1_040
MAX_IMAGEMAP_ACTIONS = 50
MAX_IMAGEMAP_TEXT = 400
MAX_IMAGEMAP_LABEL = 100
MAX_IMAGEMAP_LINK_LABEL = 30

# "Buttons template"
MAX_BUTTONS_ACTIONS = 4
MAX_TITLE_GRAPHEMES = 40
MAX_BUTTONS_TEXT_GRAPHEMES = 160
MAX_BUTTONS_TEXT_GRAPHEMES_WITH_TITLE_OR_IMAGE = 60

# "Confirm template"
CONFIRM_ACTIONS = 2
MAX_CONFIRM_TEXT_GRAPHEMES = 240

# "Carousel template", "Image carousel template"
MAX_CAROUSEL_COLUMNS = 10
MAX_COLUMN_ACTIONS = 3
MAX_COLUMN_TEXT_GRAPHEMES = 120
MAX_COLUMN_TEXT_GRAPHEMES_WITH_TITLE_OR_IMAGE = 60

# "Flex Message" > "Container": the size of the JSON in UTF-8
MAX_BUBBLE_BYTES = 30 * 1024
MAX_FLEX_CAROUSEL_BYTES = 50 * 1024
MAX_FLEX_CAROUSEL_BUBBLES = 12

# "Image" and "Video" of "Flex Message": the two sides of `aspectRatio`, and `animated`
MAX_IMAGE_RATIO = 100_000
MAX_IMAGE_HEIGHT_TO_WIDTH = 3
MAX_ANIMATED_IMAGES = 10
FLEX_VIDEO_SIZES = ("kilo", "mega", "giga")

# "Coupon message"
MAX_DELIVERY_TAG = 30

# "Common properties for messages"
MAX_QUICK_REPLY_ITEMS = 13
MAX_SENDER_NAME = 20

# "Action objects"
MAX_LABEL_CODE_POINTS = 20
MAX_IMAGE_CAROUSEL_LABEL_CODE_POINTS = 12
MAX_FLEX_LABEL_CODE_POINTS = 40
MAX_POSTBACK_DATA = 300
MAX_ACTION_TEXT_CODE_POINTS = 300
MAX_CLIPBOARD_TEXT = 1_000

# "Date and time format" of "Datetime picker action"
PICKED_FROM = datetime(1900, 1, 1)  # noqa: DTZ001 - a person picks a time of their own clock
PICKED_TO = datetime(2100, 12, 31, 23, 59)  # noqa: DTZ001
