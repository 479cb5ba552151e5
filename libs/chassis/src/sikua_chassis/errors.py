"""What can go wrong, as one tree; every refusal carries its own published shape (RFC 9457).

    SikuaError
    ├── EnvironmentFault          a database or broker was lost: try again, nobody is to blame
    └── Refusal                   an expected "no", with status, slug, bilingual title, detail and wrong fields
        ├── BadRequest            400  the request cannot be read
        ├── Unauthorized          401  no token, or one that is not valid here
        ├── Forbidden             403  the token lacks what this asks for
        ├── NotFound              404
        ├── Conflict              409  the state does not allow it
        ├── Gone                  410  below the retained floor
        ├── PreconditionFailed    412  somebody else changed it meanwhile
        ├── TooLarge              413
        ├── UnsupportedMediaType  415  the body is of another kind than this route takes
        ├── Invalid               422  fields are wrong, all of them listed
        ├── PreconditionRequired  428  If-Match is missing
        └── Unavailable           503  a hop behind us is away, with the seconds to wait

Services subclass a Refusal to give it a slug and title of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar


class SikuaError(Exception):
    """Anything this system raises on purpose."""


class EnvironmentFault(SikuaError):
    """The database or the broker was lost; the same work may succeed in a moment. `hop` names what failed."""

    def __init__(self, hop: str, reason: str = "") -> None:
        super().__init__(f"{hop}: {reason}" if reason else hop)
        self.hop = hop
        self.reason = reason


@dataclass(frozen=True)
class FieldError:
    """One wrong field: where (JSON pointer, or `query.limit`, `path.…`, `header.…`), what was expected, what came."""

    field: str
    expected: str
    got: str = ""
    reason: str = ""

    def as_json(self) -> dict[str, str]:
        """Shape in a problem's `errors`; `reason` only when there is one."""
        shape = {"field": self.field, "expected": self.expected, "got": self.got}
        return {**shape, "reason": self.reason} if self.reason else shape


class Refusal(SikuaError):
    """The request was understood and is refused. Becomes `application/problem+json` with `urn:sikua:problem:<slug>`."""

    status: ClassVar[int] = 400
    slug: ClassVar[str] = "refused"
    title_zh: ClassVar[str] = "请求被拒绝"
    title_en: ClassVar[str] = "Refused"

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Iterable[FieldError] = (),
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail or self.title_en)
        self.detail = detail
        self.errors = list(errors)
        self.headers = headers or {}
        self.more = more

    def problem(self) -> dict[str, Any]:
        """The RFC 9457 document. Members given as `more` stand beside the standard ones and never replace them."""
        document: dict[str, Any] = dict(self.more)
        document["type"] = f"urn:sikua:problem:{self.slug}"
        document["title"] = f"{self.title_zh} · {self.title_en}"
        document["status"] = self.status
        if self.detail:
            document["detail"] = self.detail
        if self.errors:
            document["errors"] = [error.as_json() for error in self.errors]
        return document


class BadRequest(Refusal):
    """400: the request cannot be read."""

    status = 400
    slug = "bad-request"
    title_zh = "请求无法读取"
    title_en = "The request cannot be read"


class Unauthorized(Refusal):
    """401 with `WWW-Authenticate` (RFC 6750 §3). `error` is `invalid_token`, or empty when no token came at all."""

    status = 401
    slug = "unauthorized"
    title_zh = "未登录或令牌无效"
    title_en = "No valid token"

    def __init__(self, detail: str = "", *, error: str = "", **more: Any) -> None:
        challenge = 'Bearer realm="sikua"'
        if error:
            challenge += f', error="{error}"'
        super().__init__(detail, headers={"WWW-Authenticate": challenge}, **more)


class Forbidden(Refusal):
    """403: known, but not allowed. A missing scope is named in the challenge."""

    status = 403
    slug = "forbidden"
    title_zh = "没有权限"
    title_en = "Not allowed"

    def __init__(self, detail: str = "", *, scope: str = "", **more: Any) -> None:
        headers = {"WWW-Authenticate": f'Bearer realm="sikua", error="insufficient_scope", scope="{scope}"'}
        super().__init__(detail, headers=headers if scope else None, **more)


class NotFound(Refusal):
    """404."""

    status = 404
    slug = "not-found"
    title_zh = "没有找到"
    title_en = "Not found"


class Conflict(Refusal):
    """409: the present state does not allow it."""

    status = 409
    slug = "conflict"
    title_zh = "与当前状态冲突"
    title_en = "In conflict with the present state"


class Gone(Refusal):
    """410: it was here and is no longer kept."""

    status = 410
    slug = "gone"
    title_zh = "已不再保存"
    title_en = "No longer kept"


class PreconditionFailed(Refusal):
    """412: If-Match names a version that is not the present one (RFC 9110 §13.1.1)."""

    status = 412
    slug = "precondition-failed"
    title_zh = "版本已变化"
    title_en = "The version has changed"


class TooLarge(Refusal):
    """413: the body is larger than this route takes."""

    status = 413
    slug = "too-large"
    title_zh = "内容过大"
    title_en = "The content is too large"


class UnsupportedMediaType(Refusal):
    """415 with `Accept`: the media types that this route takes (RFC 9110 §15.5.16)."""

    status = 415
    slug = "unsupported-media-type"
    title_zh = "不支持该内容类型"
    title_en = "This media type is not taken here"

    def __init__(self, taken: Iterable[str], got: str) -> None:
        types = ", ".join(taken)
        wrong = FieldError("header.Content-Type", f"其中之一：{types} · one of {types}", got or "nothing")
        super().__init__(errors=[wrong], headers={"Accept": types})


class Invalid(Refusal):
    """422: fields are wrong; `errors` lists every one of them."""

    status = 422
    slug = "invalid"
    title_zh = "内容不符合要求"
    title_en = "The content is not valid"


class PreconditionRequired(Refusal):
    """428: this change needs If-Match (RFC 6585 §3)."""

    status = 428
    slug = "precondition-required"
    title_zh = "需要 If-Match"
    title_en = "If-Match is required"


class Unavailable(Refusal):
    """503 with `Retry-After`: something behind us is away; `hop` names it."""

    status = 503
    slug = "unavailable"
    title_zh = "暂时不可用"
    title_en = "Not available at the moment"

    def __init__(self, detail: str = "", *, retry_after: int = 2, hop: str = "", **more: Any) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)}, **more)
        if hop:
            self.more["hop"] = hop
        self.retry_after = retry_after
