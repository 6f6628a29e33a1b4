"""Text files as Excel saves them in different countries."""

import re


def decode(data):
    """The bytes of a text file as text: UTF-8, else GBK where the bytes beyond ASCII come in pairs, else Windows-1252.

    A micro or degree sign that stands alone is Windows-1252; Chinese letters in GBK are pairs.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        runs = re.findall(rb"[\x81-\xfe]+", data)
        if all(len(run) % 2 == 0 for run in runs):
            try:
                return data.decode("gbk")
            except UnicodeDecodeError:
                pass
    return data.decode("cp1252", errors="replace")
