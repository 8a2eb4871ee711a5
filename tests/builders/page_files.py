"""PDF and TIFF files of several drawn pages."""

import io

import pikepdf
from PIL import Image, ImageDraw


def drawn(words):
    picture = Image.new("L", (300, 420), 255)
    ImageDraw.Draw(picture).text((20, 40), words, fill=0)
    return picture


def jpeg(words):
    file = io.BytesIO()
    drawn(words).save(file, "JPEG")
    return file.getvalue()


def pdf(path, pages, first=0, **extra):
    """A PDF of scans whose program numbers its pictures through the file."""
    made = pikepdf.new()
    for number, words in enumerate(pages, start=first):
        image = pikepdf.Stream(made, jpeg(words))
        image.Type, image.Subtype, image.Filter = (
            pikepdf.Name.XObject,
            pikepdf.Name.Image,
            pikepdf.Name.DCTDecode,
        )
        image.Width, image.Height, image.BitsPerComponent = 300, 420, 8
        image.ColorSpace = pikepdf.Name.DeviceGray
        page = made.add_blank_page(page_size=(300, 420))
        page.Resources = pikepdf.Dictionary(XObject={f"/Im{number}": image})
        page.Contents = pikepdf.Stream(made, b"q 300 0 0 420 0 0 cm /Im%d Do Q" % number)
        for name, value in extra.items():
            page[f"/{name}"] = value
    made.save(path)


def tiff(path, pages):
    first, *rest = map(drawn, pages)
    first.save(path, "TIFF", save_all=True, append_images=rest, compression="tiff_deflate")
