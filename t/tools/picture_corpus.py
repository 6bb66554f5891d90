#!/usr/bin/python3
"""picture_corpus.py URL TOKEN FOLDER: uploads the JPEG files of a folder.

Each file becomes the profile image of the user of TOKEN. Pillow, an independent
decoder, tells which files are complete. Fails if less than 99 % of them are
accepted, if an incomplete one is, or if a result has metadata or is too large.
Prints each rejected file with the reason.
"""
import http.client
import io
import json
import os
import sys
import urllib.parse

from PIL import Image

SHARE = 0.99
SIDES = {"profile_image_url": 1024, "profile_image_thumb_url": 256}


def files(folder):
    for top, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if name.lower().endswith((".jpg", ".jpeg")):
                yield os.path.join(top, name)


def defect(data):
    """Returns why Pillow does not decode the picture, or None."""
    try:
        Image.open(io.BytesIO(data)).load()
    except Exception as e:          # Pillow raises several kinds.
        return str(e) or type(e).__name__
    return None


class Service:
    def __init__(self, url, token):
        self.http = http.client.HTTPConnection(
            urllib.parse.urlsplit(url).netloc, timeout=120)
        self.headers = {"Authorization": "Bearer " + token,
                        "Content-Type": "image/jpeg"}

    def send(self, method, path, body=None):
        self.http.request(method, path, body, self.headers)
        answer = self.http.getresponse()
        return answer.status, answer.read()

    def problem(self, profile):
        """Returns what is wrong with the stored pictures, or None."""
        for member, side in SIDES.items():
            path = urllib.parse.urlsplit(profile[member]).path
            status, data = self.send("GET", path)
            if status != 200:
                return f"{member}: {status}"
            image = Image.open(io.BytesIO(data))
            image.load()
            if max(image.size) > side:
                return f"{member} has {image.size}"
            found = {"exif", "icc_profile", "xmp", "comment"} & set(image.info)
            if found or image.getexif():
                return f"{member} has {sorted(found)}"
        return None


def main():
    service = Service(*sys.argv[1:3])
    complete = accepted = incomplete = 0
    wrong = False
    for path in files(sys.argv[3]):
        with open(path, "rb") as f:
            data = f.read()
        why = defect(data)
        status, body = service.send("PUT", "/user/profile/image", data)
        answer = json.loads(body)
        if why is None:
            complete += 1
            accepted += status == 200
        else:
            incomplete += 1
        if status == 200:
            problem = service.problem(answer)
            if why is not None:
                problem = f"accepted, but: {why}"
            if problem is not None:
                wrong = True
                print(f"{path}: {problem}")
        elif status in (413, 415):
            print(f"{path}: {status} {answer['message']}"
                  f" ({why or 'complete'})")
        else:
            wrong = True
            print(f"{path}: {status} {answer}")
    print(f"{accepted} of {complete} complete files were accepted; "
          f"{incomplete} others")
    sys.exit(wrong or complete == 0 or accepted < complete * SHARE)


main()
