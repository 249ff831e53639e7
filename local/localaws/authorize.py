def start(path):
    raise NotImplementedError
