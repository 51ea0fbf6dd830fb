"""What the renderer raises."""


class RenderError(ValueError):
    """A notebook, payload or table of contents cannot be rendered; the message says which, why and what to do."""
