"""AWS behaviour that moto lacks, one module for each service.

Every patch names the method of moto that it extends or adds, and fails at start when moto has changed under it.
"""
