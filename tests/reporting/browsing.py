"""The forms of a page, as a browser would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

Fields = dict[str, list[str]]


@dataclass
class Form:
    """``fields``: what is sent with nothing typed; ``blank``: what a person may fill in or choose, and what it offers;
    ``buttons``: name, value and address of each."""

    action: str
    id: str = ""
    fields: Fields = field(default_factory=dict)
    offered: Fields = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        return {*self.fields, *self.offered, *(name for name, _, _ in self.buttons if name)}

    def add(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)


class FormReader(HTMLParser):
    """Reads what stands in ``main``; a control belongs to the form around it, or to the one that it names."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.forms, self.inside, self.in_main = path, [], "", False
        self.named: dict[str, Form] = {}
        self.select: tuple[Form, str] | None = None
        self.area: tuple[Form, str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "main":
            self.in_main = True
        elif tag == "form" and self.in_main and at.get("method") == "post":
            self.inside = at.get("id") or f"form-{len(self.forms)}"
            self.named[self.inside] = Form(at.get("action") or self.path)
            self.forms.append(self.named[self.inside])
        elif "disabled" not in at and (form := self.named.get(at.get("form") or self.inside)):
            self.control(form, tag, at)

    def control(self, form: Form, tag: str, at: dict[str, str]) -> None:
        name, value = at.get("name", ""), at.get("value", "")
        if tag == "button":
            form.buttons.append((name, value, at.get("formaction") or form.action))
        elif tag == "select":
            self.select = (form, name)
            form.offered[name] = []
        elif tag == "option" and self.select:
            self.select[0].offered[self.select[1]].append(value)
            if "selected" in at:
                form.add(self.select[1], value)
        elif tag == "textarea":
            self.area = (form, name, [])
        elif tag == "input" and at.get("type") in ("radio", "checkbox"):
            form.offered.setdefault(name, []).append(value or "on")
            if "checked" in at:
                form.add(name, value or "on")
        elif tag == "input" and name != "csrfmiddlewaretoken":
            form.add(name, value)

    def handle_data(self, data: str) -> None:
        if self.area:
            self.area[2].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = ""
        elif tag == "select":
            self.select = None
        elif tag == "textarea" and self.area:
            form, name, text = self.area
            form.add(name, "".join(text).removeprefix("\r\n").removeprefix("\n"))
            self.area = None


def forms_of(html: str, path: str) -> list[Form]:
    """The forms of a page at an address that are sent by POST; signing out, which every page has, is none of them."""
    reader = FormReader(path)
    reader.feed(html)
    return reader.forms
