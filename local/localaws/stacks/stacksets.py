class StackSets:
    def __init__(self, service):
        pass

    def reset(self):
        pass


class StackSetApi:
    pass
