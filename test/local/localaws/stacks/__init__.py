"""CloudFormation, instead of moto's.

moto resolves a template once, in one go and without failures. What a custom resource lives through is the opposite:
asynchronous, with updates, replacements, clean-up and roll-backs. So this is an engine of its own, and the resources
it manages are made through the services' own APIs, as CloudFormation does it:

* ``template``    templates and their functions; ``parameters``: their parameters
* ``model``       stacks, resources, events; ``book``: which stacks there are
* ``resources``   the types: ``table`` what calls make each of them, ``row`` how, ``special`` and ``custom`` what else
* ``resolution``  a template in the light of a stack
* ``engine``      create, update, clean up, roll back, delete
* ``service``     what may be done to stacks; ``changesets``; ``api``: CloudFormation's operations

Each imports only what stands above it.
"""
