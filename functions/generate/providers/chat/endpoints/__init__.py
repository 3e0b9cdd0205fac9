"""The language models that the settings can name, a file each."""

from collections.abc import Callable, Mapping

from functions.generate.providers.chat.endpoints import gemini, openai, vertex
from functions.generate.providers.chat.kept_answers import Answers
from functions.generate.providers.chat.model import ChatModel
from shared.config import Settings

Connect = Callable[[Settings, Answers], ChatModel]

ENDPOINTS: Mapping[str, Connect] = {
    "openai": openai.connect,
    "gemini": gemini.connect,
    "vertex": vertex.connect,
}
