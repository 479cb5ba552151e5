"""Stand-in departments with records of their own, made up from a seed and saying so in every answer.

`serve` runs tax office, approval platform and finance system as real HTTP servers. What each says depends on the seed, the
question and the department's business time, never on the order of calls. Faults on demand: `Departments.faults[name].add`
in the same process, `POST /_faults` from outside, or `background` for a share of all questions; see `steering`.
"""

from sikua_simulators.departments.faults import Background, Fault, FaultKind
from sikua_simulators.departments.serving import Departments, serve

__all__ = ["Background", "Departments", "Fault", "FaultKind", "serve"]
