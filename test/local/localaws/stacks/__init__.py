"""CloudFormation, instead of moto's.

moto resolves a template once, in one go and without failures. What a custom resource lives through is the opposite:
asynchronous, with updates, replacements, clean-up and roll-backs. So this is an engine of its own, and the resources
it manages are made through the services' own APIs, as CloudFormation does it:

* ``template``   templates and their functions; ``parameters``: their parameters
* ``model``      stacks, resources, events
* ``plan``       what differs between a stack and a template
* ``engine``     create, update, clean up, roll back, delete
* ``custom``     custom resources
* ``resources``  the other types, one class each
* ``changesets``, ``stacksets``, ``api``
"""

from .service import Stacks

__all__ = ["Stacks"]
