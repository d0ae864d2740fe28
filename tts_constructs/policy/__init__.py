"""The judge: pure Python over CloudFormation that imports neither `aws_cdk` nor `jsii`.

To write rules, use `Rule`, `Result`, `Resource`, `Stack`, `Node`. To judge templates, use
`load_settings`, `review_paths`. These names are stable; the modules that define them may change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tts_constructs._lazy import lazy_names

if TYPE_CHECKING:
    from tts_constructs.policy.configuration import load_settings as load_settings
    from tts_constructs.policy.model.node import Node as Node
    from tts_constructs.policy.model.rule import Rule as Rule
    from tts_constructs.policy.model.stack import Resource as Resource
    from tts_constructs.policy.model.stack import Stack as Stack
    from tts_constructs.policy.result import Result as Result
    from tts_constructs.policy.review import review_paths as review_paths

_HOMES = {
    "Node": "tts_constructs.policy.model.node",
    "Resource": "tts_constructs.policy.model.stack",
    "Result": "tts_constructs.policy.result",
    "Rule": "tts_constructs.policy.model.rule",
    "Stack": "tts_constructs.policy.model.stack",
    "load_settings": "tts_constructs.policy.configuration",
    "review_paths": "tts_constructs.policy.review",
}

__getattr__, __dir__, __all__ = lazy_names(__name__, _HOMES)
