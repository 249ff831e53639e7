"""A local multi-account AWS: moto's server, with what moto lacks for deploying and running this project.

The flow, one module each:

* ``__main__``   arguments, readiness line, life and death of the process
* ``server``     one port: control API, CloudFormation response URLs, moto
* ``record``     every API call with its caller and times, and the latency added to it
* ``control``    the API for tests below ``/_local/``
* ``functions``  Lambda: invocation, retries, dead letters; ``pool`` and ``runtime``: processes behind the Runtime API
* ``patches``    AWS behaviour that moto lacks, a module for each service
* ``stacks``     CloudFormation: stacks, change sets, custom resources; ``stacksets``
* ``authorize``  who may do what, decided by the project's own evaluator; ``calls``, ``data``: what a call asks
  for; ``scenario``: the question as the evaluator takes it; ``reference``: what AWS documents of each action
* ``server`` alone knows all of them; everything else is given what it needs
"""
