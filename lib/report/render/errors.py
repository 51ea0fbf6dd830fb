"""What the renderer raises."""


class RenderError(ValueError):
    """A notebook or the table of contents cannot be rendered; the message says which, why and what to do."""
