// Decides scenarios with another evaluator, one request at a time: the S3 check, and the KMS check where there is one,
// as `sharedbucket simulate` does. Prints how many decisions it made, how many of them allow, and the seconds it took.
import { readFileSync } from 'node:fs'
import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate'

const actions = {
  GetObject: ['s3:GetObject', 'kms:Decrypt'],
  HeadObject: ['s3:GetObject', 'kms:Decrypt'],
  PutObject: ['s3:PutObject', 'kms:GenerateDataKey'],
  MultipartUpload: ['s3:PutObject', 'kms:GenerateDataKey', 'kms:Decrypt'],
  ListBucket: ['s3:ListBucket'],
  DeleteObject: ['s3:DeleteObject'],
}
const named = (policies) => policies.map((policy, i) => ({ name: `policy ${i}`, policy }))
const levels = (list) =>
  (list ?? []).map((l) => ({ orgIdentifier: l.target ?? 'level', policies: named(l.policies ?? []) }))

async function decide(scenario, request) {
  const principal = scenario.principals.find((p) => p.arn === request.principal)
  const bucket = `arn:aws:s3:::${scenario.bucket}`
  let allowed = true
  for (const action of actions[request.operation]) {
    const kms = action.startsWith('kms:')
    if (kms && !scenario.key_arn) continue
    const object = action === 's3:ListBucket' ? bucket : `${bucket}/${request.key}`
    const owner = kms ? scenario.key_arn.split(':')[4] : scenario.owner_account
    const result = await runSimulation({
      request: {
        principal: principal.type === 'anonymous' ? anonymousPrincipal : principal.arn,
        action,
        resource: { resource: kms ? scenario.key_arn : object, accountId: owner },
        contextVariables: {
          'aws:SecureTransport': 'true',
          ...(kms
            ? {
                'kms:ViaService': `s3.${scenario.region}.amazonaws.com`,
                'kms:EncryptionContext:aws:s3:arn': scenario.bucket_key_enabled ? bucket : object,
                ...request.kms_context,
              }
            : request.context),
        },
      },
      identityPolicies: named(principal.identity_policies ?? []),
      serviceControlPolicies: levels(scenario.scps?.[principal.account]),
      resourceControlPolicies: levels(scenario.rcps?.[owner]),
      resourcePolicy: (kms ? scenario.key_policy : scenario.bucket_policy) ?? undefined,
      permissionBoundaryPolicies: principal.permission_boundary ? named([principal.permission_boundary]) : undefined,
      sessionPolicy: principal.session_policy ?? undefined,
    }, {})
    allowed &&= result.overallResult === 'Allowed' || result.analysis?.result === 'Allowed'
  }
  return allowed
}

const began = process.hrtime.bigint()
let decisions = 0
let allow = 0
for (const line of readFileSync(process.argv[2], 'utf8').split('\n')) {
  if (!line) continue
  const scenario = JSON.parse(line)
  for (const request of scenario.requests) {
    decisions++
    if (await decide(scenario, request)) allow++
  }
}
console.log(JSON.stringify({ decisions, allow, seconds: Number(process.hrtime.bigint() - began) / 1e9 }))
