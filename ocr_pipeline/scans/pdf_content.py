"""What a PDF page paints: its pictures, its layers, and what people put on it afterwards."""

from __future__ import annotations

from typing import cast

import pikepdf

#: What pikepdf raises on objects of another kind than expected, or on numbers out of range.
PDF_ERRORS = (
    pikepdf.PdfError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
)
_MOST_FORMS = 50  # looked into for pictures; forms may contain themselves
_HIDDEN, _NO_VIEW = 0b10, 0b100000  # flags of annotations, ISO 32000-1, table 165
#: Annotations that show nothing on the page itself.
_UNSEEN = frozenset(("/Link", "/Popup", "/TrapNet", "/Sound", "/Movie", "/Screen"))
#: Kinds that cannot be seen without an appearance of their own: no viewer makes one up for them.
_NEEDS_APPEARANCE = frozenset(("/Stamp", "/Caret", "/Watermark", "/Redact"))


def painted_images(page: pikepdf.Page) -> list[pikepdf.Object | None]:
    """The pictures that the page paints, those inside its forms included.

    None stands for one that the file has lost. A page whose instructions are missing or broken is
    taken to paint all pictures among its resources.
    """
    found: dict[object, pikepdf.Object | None] = {}
    waiting: list[tuple[object, object]] = [(page, _resources(page))]
    for source, resources in waiting:
        for item in _painted(source, resources):
            if not isinstance(item, pikepdf.Stream):
                found[len(found), "lost"] = None
            elif str(item.get("/Subtype")) == "/Image":
                found.setdefault(item.objgen, item)
            elif len(waiting) < _MOST_FORMS:
                waiting.append((item, item.get("/Resources", resources)))
    return list(found.values())


def images_of(page: pikepdf.Page) -> dict[str, pikepdf.Object]:
    """The pictures among the page's own resources by name."""
    objects = cast("pikepdf.Dictionary", page.resources.get("/XObject", {}))
    return {
        str(name): item
        for name, item in objects.items()
        if isinstance(item, pikepdf.Stream) and str(item.get("/Subtype")) == "/Image"
    }


def is_in_layer(page: pikepdf.Page) -> bool:
    """Whether a picture or another part of the page lies in a layer that can be switched off."""
    try:
        instructions = pikepdf.parse_content_stream(page, "BDC")
        names = {str(each.operands[0]) for each in instructions if len(each.operands)}
        images = (image for image in painted_images(page) if image is not None)
        return "/OC" in names or any("/OC" in image for image in images)
    except PDF_ERRORS:
        return False


def visible_annotations(page: pikepdf.Page) -> list[pikepdf.Object]:
    """Notes, stamps and form fields that a viewer shows on the page."""
    notes = page.obj.get("/Annots")
    if not isinstance(notes, pikepdf.Array):
        return []
    return [note for note in notes if isinstance(note, pikepdf.Dictionary) and _is_visible(note)]


def has_lost_appearance(note: pikepdf.Object) -> bool:
    """Whether a visible annotation of a kind that only its appearance shows has none."""
    return str(note.get("/Subtype")) in _NEEDS_APPEARANCE and not _has_appearance(note)


def _is_visible(note: pikepdf.Object) -> bool:
    try:
        flags = int(note.get("/F", 0))
    except PDF_ERRORS:
        flags = 0
    kind = str(note.get("/Subtype"))
    if flags & (_HIDDEN | _NO_VIEW) or kind in _UNSEEN or not _has_area(note):
        return False
    return kind != "/Widget" or _has_appearance(note) or _has_value(note)


def _has_area(note: pikepdf.Object) -> bool:
    """Whether the annotation takes room: signatures that nobody shall see have none."""
    try:
        left, bottom, right, top = (float(value) for value in note["/Rect"])
    except PDF_ERRORS:
        return False
    return left != right and bottom != top


def _has_appearance(note: pikepdf.Object) -> bool:
    appearances = note.get("/AP")
    return isinstance(appearances, pikepdf.Dictionary) and isinstance(
        appearances.get("/N"), pikepdf.Dictionary | pikepdf.Stream
    )


def _has_value(field: pikepdf.Object) -> bool:
    """Whether a form field is filled in; its value may stand one level up."""
    for node in (field, field.get("/Parent")):
        if isinstance(node, pikepdf.Dictionary) and str(node.get("/V", "")) not in ("", "/Off"):
            return True
    return False


def _resources(page: pikepdf.Page) -> object:
    try:
        return page.resources
    except PDF_ERRORS:
        return None


def _painted(source: object, resources: object) -> list[pikepdf.Object | None]:
    """What the `Do` operators of a page or form name among its resources."""
    objects = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    if not isinstance(objects, pikepdf.Dictionary):
        return []
    names: list[str] | None = None
    try:
        instructions = pikepdf.parse_content_stream(cast("pikepdf.Page", source))
        painting = [each for each in instructions if str(each.operator) == "Do"]
        if instructions:
            names = [str(each.operands[0]) for each in painting if len(each.operands)]
    except PDF_ERRORS:
        names = None
    if names is None:
        names = list(objects.keys()) if isinstance(source, pikepdf.Page) else []
    return [objects.get(name) for name in dict.fromkeys(names)]
