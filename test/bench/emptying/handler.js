// Runs the CDK's handler of Custom::S3AutoDeleteObjects, as it is in aws-cdk-lib, for one bucket. Lambda's environment
// has the AWS SDK; here the handler gets the one beside this file, set to the server that is given.
const Module = require('module');
const [handler, modules, Bucket] = process.argv.slice(2);

const sdk = Module.createRequire(modules + '/')('@aws-sdk/client-s3');
class S3 extends sdk.S3 {
  constructor(options) {
    super({ ...options, endpoint: process.env.AWS_ENDPOINT_URL, forcePathStyle: true });
  }
}
const load = Module._load;
Module._load = (name, ...rest) => (name === '@aws-sdk/client-s3' ? { ...sdk, S3 } : load(name, ...rest));

require(handler)
  .autoDeleteHandler({ RequestType: 'Delete', ResourceProperties: { BucketName: Bucket } })
  .then(() => console.log('SUCCESS'))
  .catch((error) => console.log('FAILED ' + error.message));
