"""One visitor of a running app, without a browser: a real session over a real websocket.

Speaks the protocol that the app's own page speaks (protobuf messages of the streamlit package), keeps
what the server sends, and can type into widgets. Nothing is drawn, so what a browser needs for that is
not part of any time measured here.
"""

from __future__ import annotations

import asyncio
import json
import time
from urllib.parse import parse_qsl, urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect


class Visitor:
    """Open a page, type, read."""

    def __init__(self, url: str, page: str = "", **query: str) -> None:
        self.url, self.page = url.replace("http", "ws", 1) + "/_stcore/stream", page
        self.query = query
        self.widgets: dict[str, tuple[str, str]] = {}  # label → its kind and id
        self.texts: list[str] = []  # every text that came since the last thing that was done
        self.answered: float | None = None  # when the answer came
        self.answer = ""
        self.typed: set[str] = set()  # own texts that were judged already
        self.failed = ""
        self._hash = ""
        self._socket: ClientConnection | None = None

    async def __aenter__(self) -> Visitor:
        self._socket = await connect(self.url, max_size=None, open_timeout=60, ping_timeout=None)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def leave(self) -> None:
        """Close the tab."""
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    async def open(self) -> float:
        """The first run of the page; seconds until it has ended."""
        return await self._do(self._request())

    async def type(self, label: str, text: str) -> float:
        """Commit a text in the box of this label; seconds until the run has ended."""
        await self.begin_typing(label, text)
        return await self.finished()

    async def begin_typing(self, label: str, text: str) -> None:
        """Commit a text and do not wait."""
        kind, id_ = self.widgets[label]
        state = WidgetState(id=id_)
        if kind == "chat_input":
            state.chat_input_value.data = text
        else:
            state.string_value = text
        message = self._request()
        message.rerun_script.widget_states.widgets.append(state)
        await self._send(message)

    async def press(self, label: str) -> None:
        """Click a button and do not wait."""
        message = self._request()
        message.rerun_script.widget_states.widgets.append(
            WidgetState(id=self.widgets[label][1], trigger_value=True)
        )
        await self._send(message)

    async def stop(self) -> float:
        """The page's own Stop; seconds until the run has ended."""
        begin = time.monotonic()
        await self._socket.send(BackMsg(stop_script=True).SerializeToString())
        await asyncio.wait_for(self.finished(), 60)
        return time.monotonic() - begin

    async def finished(self) -> float:
        """Read until the run has ended; seconds since it was asked for."""
        while True:
            message = ForwardMsg.FromString(await self._socket.recv())
            self._note(message)
            kind = message.WhichOneof("type")
            if kind == "session_event" and message.session_event.HasField(
                "script_compilation_exception"
            ):
                raise RuntimeError(str(message.session_event))
            if kind == "script_finished" and message.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
            ):
                return time.monotonic() - self.begin

    # -------------------------------------------------------------------------------- internals
    def _request(self) -> BackMsg:
        message = BackMsg()
        message.rerun_script.query_string = urlencode(self.query)
        message.rerun_script.page_script_hash = self._hash
        if not self._hash:
            message.rerun_script.page_name = self.page
        return message

    async def _send(self, message: BackMsg) -> None:
        self.texts, self.answered, self.failed = [], None, ""
        self.begin = time.monotonic()
        await self._socket.send(message.SerializeToString())

    async def _do(self, message: BackMsg) -> float:
        await self._send(message)
        return await self.finished()

    def _note(self, message: ForwardMsg) -> None:
        """Keep what a person would see."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._hash = message.new_session.page_script_hash
        if kind == "page_info_changed":
            self.query = dict(parse_qsl(message.page_info_changed.query_string))
        if kind != "delta" or message.delta.WhichOneof("type") != "new_element":
            return
        element = message.delta.new_element
        which = element.WhichOneof("type")
        found = getattr(element, which)
        if which in ("text_area", "text_input", "button", "chat_input"):
            self.widgets[getattr(found, "label", "") or found.placeholder] = which, found.id
        if which == "exception":
            self.failed = found.message
        if which == "bidi_component" and found.json:
            self.texts.append(found.json)
            data = json.loads(found.json)
            if data.get("part") == "answer":
                self.answer, self.answered = data["text"], time.monotonic() - self.begin
        elif which in ("markdown", "html", "alert"):
            self.texts.append(getattr(found, "body", ""))
