package share_test

import "strings"

var badNames = []bad{
	{
		name: "no name", properties: `{}`,
		want: []string{"BucketName…required"},
	},
	{
		name: "a blank name", properties: named(" "),
		want: []string{"BucketName…nothing but white space"},
	},
	{
		name: "a name that is too short", properties: named("ab"),
		want: []string{"BucketName…2 characters…3 to 63…choose another"},
	},
	{
		name: "a name that is too long", properties: named(strings.Repeat("a", 64)),
		want: []string{"BucketName…64 characters…3 to 63"},
	},
	{
		name: "a name with capitals", properties: named("My-bucket"),
		want: []string{"BucketName…lower-case"},
	},
	{
		name: "a name with an underscore", properties: named("my_bucket"),
		want: []string{"BucketName…lower-case"},
	},
	{
		name: "a name that begins with a hyphen", properties: named("-bucket"),
		want: []string{"BucketName…begin and end"},
	},
	{
		name: "a name that ends with a dot", properties: named("bucket."),
		want: []string{"BucketName…begin and end"},
	},
	{
		name: "a name with two dots in a row", properties: named("my..bucket"),
		want: []string{"BucketName…two dots"},
	},
	{
		name: "a name like an IP address", properties: named("192.168.5.4"),
		want: []string{"BucketName…IP address"},
	},
	{
		name: "a name with xn--", properties: named("xn--bucket"),
		want: []string{"BucketName…xn--…reserves"},
	},
	{
		name: "a name with sthree-", properties: named("sthree-bucket"),
		want: []string{"BucketName…sthree-"},
	},
	{
		name: "a name with amzn-s3-demo-", properties: named("amzn-s3-demo-bucket"),
		want: []string{"BucketName…amzn-s3-demo-"},
	},
	{
		name: "a name with -s3alias", properties: named("bucket-s3alias"),
		want: []string{"BucketName…-s3alias"},
	},
	{
		name: "a name with --ol-s3", properties: named("bucket--ol-s3"),
		want: []string{"BucketName…--ol-s3"},
	},
	{
		name: "a name with .mrap", properties: named("bucket.mrap"),
		want: []string{"BucketName….mrap"},
	},
	{
		name: "a name with --x-s3", properties: named("bucket--x-s3"),
		want: []string{"BucketName…--x-s3"},
	},
	{
		name: "a name with --table-s3", properties: named("bucket--table-s3"),
		want: []string{"BucketName…--table-s3"},
	},
	{
		name: "a name of somebody else's namespace", properties: named("bucket-222222222222-ap-southeast-2-an"),
		want: []string{"BucketName…-111111111111-ap-southeast-2-an"},
	},
	{
		name: "several rules broken at once", properties: named("-My..bucket"),
		want: []string{"BucketName…lower-case", "BucketName…begin and end", "BucketName…two dots"},
	},
}

var badConsumers = []bad{
	{
		name: "an account id with a lost zero", properties: consumersOf(`{"Account": 22222222222}`),
		want: []string{"Consumers[0].Account…22222222222…quote"},
	},
	{
		name: "an account id with letters", properties: consumersOf(`{"Account": "22222222222a"}`),
		want: []string{"Consumers[0].Account…twelve digits"},
	},
	{
		name: "one bad account of several", properties: consumersOf(`{"Account": ["222222222222", "2222"]}`),
		want: []string{"Consumers[0].Account[1]…2222"},
	},
	{
		name: "an empty account among others", properties: consumersOf(`{"Account": ["222222222222", ""]}`),
		want: []string{"Consumers[0].Account[1]…empty entry"},
	},
	{
		name: "a null account among others", properties: consumersOf(`{"Account": ["222222222222", null]}`),
		want: []string{"Consumers[0].Account[1]…empty entry"},
	},
	{
		name: "a null entry", properties: consumersOf(`null`),
		want: []string{"Consumers[0]…empty entry"},
	},
	{
		name:       "two kinds of consumer",
		properties: consumersOf(`{"Account": "222222222222", "Organization": "o-a1b2c3d4e5"}`),
		want:       []string{"Consumers[0]…Account and Organization…exactly one"},
	},
	{
		name: "no kind of consumer", properties: consumersOf(`{"Access": "Read"}`),
		want: []string{"Consumers[0]…nobody…exactly one"},
	},
	{
		name: "an empty list of accounts", properties: consumersOf(`{"Account": []}`),
		want: []string{"Consumers[0]…nobody"},
	},
	{
		name: "the ARN of another service", properties: consumersOf(`{"Principal": "arn:aws:s3:::bucket"}`),
		want: []string{"Consumers[0].Principal…not the ARN of an IAM role or user…arn:<partition>:iam"},
	},
	{
		name: "a group as a principal", properties: consumersOf(`{"Principal": "arn:aws:iam::222222222222:group/g"}`),
		want: []string{"Consumers[0].Principal…not the ARN of an IAM role or user"},
	},
	{
		name:       "a principal of another partition",
		properties: consumersOf(`{"Principal": "arn:aws-cn:iam::222222222222:role/r"}`),
		want:       []string{"Consumers[0].Principal…partition aws-cn"},
	},
	{
		name:       "a principal with a wildcard",
		properties: consumersOf(`{"Principal": "arn:aws:iam::222222222222:role/*"}`),
		want:       []string{"Consumers[0].Principal…wildcard…name each"},
	},
	{
		name: "a root as a principal", properties: consumersOf(`{"Principal": "arn:aws:iam::222222222222:root"}`),
		want: []string{"Consumers[0].Principal…whole account…use Account"},
	},
	{
		name:       "a session as a principal",
		properties: consumersOf(`{"Principal": "arn:aws:sts::222222222222:assumed-role/r/s"}`),
		want:       []string{"Consumers[0].Principal…session…role's own ARN"},
	},
	{
		name: "the owner as a consumer", properties: consumersOf(`{"Account": "111111111111"}`),
		want: []string{"Consumers[0].Account…owner account…Delegates"},
	},
	{
		name:       "a role of the owner as a consumer",
		properties: consumersOf(`{"Principal": "arn:aws:iam::111111111111:role/r"}`),
		want:       []string{"Consumers[0].Principal…owner account…Delegates"},
	},
	{
		name:       "a permission set in the owner account",
		properties: consumersOf(`{"PermissionSet": {"Account": "111111111111", "Name": "A"}}`),
		want:       []string{"Consumers[0].PermissionSet.Account…owner account"},
	},
	{
		name:       "a permission set without a name",
		properties: consumersOf(`{"PermissionSet": {"Account": "222222222222"}}`),
		want:       []string{"Consumers[0].PermissionSet.Name…required"},
	},
	{
		name:       "a permission set by its role's pattern",
		properties: consumersOf(`{"PermissionSet": {"Account": "222222222222", "Name": "AWSReservedSSO_*"}}`),
		want:       []string{"Consumers[0].PermissionSet.Name…not the name of a permission set"},
	},
	{
		name:       "an organization by its ARN",
		properties: consumersOf(`{"Organization": "arn:aws:organizations::222222222222:organization/o-a1b2c3d4e5"}`),
		want:       []string{"Consumers[0].Organization…o-a1b2c3d4e5"},
	},
	{
		name: "an OU without its path", properties: consumersOf(`{"OrganizationalUnit": "ou-ab12-11111111"}`),
		want: []string{"Consumers[0].OrganizationalUnit…whole path"},
	},
	{
		name: "an OU path with a wildcard", properties: consumersOf(`{"OrganizationalUnit": "o-a1b2c3d4e5/*"}`),
		want: []string{"Consumers[0].OrganizationalUnit…whole path"},
	},
	{
		name:       "a consumer twice",
		properties: consumersOf(`{"Account": "222222222222"}, {"Account": "222222222222", "Access": "Read"}`),
		want:       []string{"Consumers[1].Account…declared already at Consumers[0].Account"},
	},
	{
		name:       "a consumer twice in one entry",
		properties: consumersOf(`{"Account": ["222222222222", "222222222222"]}`),
		want:       []string{"Consumers[0].Account[1]…declared already"},
	},
	{
		name: "a consumer twice with the same prefix",
		properties: consumersOf(`{"Account": "222222222222", "Prefixes": ["a", "b"]},
			{"Account": "222222222222", "Prefixes": "b/"}`),
		want: []string{"Consumers[1].Account…declared already"},
	},
	{
		name: "an unknown property within", properties: consumersOf(`{"Acount": "222222222222"}`),
		want: []string{"Consumers[0].Acount…did you mean Account?"},
	},
}

var badScopes = []bad{
	{
		name: "an unknown level", properties: consumersOf(`{"Account": "222222222222", "Access": "ReadWrit"}`),
		want: []string{"Consumers[0].Access…ReadWrit…did you mean ReadWrite?"},
	},
	{
		name:       "a level like no other",
		properties: consumersOf(`{"Account": "222222222222", "Access": "Administrator"}`),
		want:       []string{"Consumers[0].Access…known are Full, Read, ReadWrite, Write"},
	},
	{
		name: "an empty prefix", properties: consumersOf(`{"Account": "222222222222", "Prefixes": [""]}`),
		want: []string{"Consumers[0].Prefixes[0]…not a folder…leave Prefixes out"},
	},
	{
		name: "an empty prefix alone", properties: consumersOf(`{"Account": "222222222222", "Prefixes": ""}`),
		want: []string{"Consumers[0].Prefixes…empty…leave Prefixes out for the whole bucket"},
	},
	{
		name:       "a blank prefix among others",
		properties: consumersOf(`{"Account": "222222222222", "Prefixes": ["a", " "]}`),
		want:       []string{"Consumers[0].Prefixes[1]…nothing but white space"},
	},
	{
		name: "a slash as a prefix", properties: consumersOf(`{"Account": "222222222222", "Prefixes": ["/"]}`),
		want: []string{"Consumers[0].Prefixes[0]…not a folder"},
	},
	{
		name: "a star as a prefix", properties: consumersOf(`{"Account": "222222222222", "Prefixes": ["*"]}`),
		want: []string{"Consumers[0].Prefixes[0]…not a folder…whole bucket"},
	},
	{
		name: "a wildcard in a prefix", properties: consumersOf(`{"Account": "222222222222", "Prefixes": ["a/*"]}`),
		want: []string{"Consumers[0].Prefixes[0]…wildcard"},
	},
	{
		name:       "a policy variable in a prefix",
		properties: consumersOf(`{"Account": "222222222222", "Prefixes": ["${aws:username}"]}`),
		want:       []string{"Consumers[0].Prefixes[0]…policy variable"},
	},
	{
		name:       "a prefix that begins with a slash",
		properties: consumersOf(`{"Account": "222222222222", "Prefixes": ["/a"]}`),
		want:       []string{"Consumers[0].Prefixes[0]…begins with a slash…write a"},
	},
	{
		name:       "a prefix beyond what IAM takes",
		properties: consumersOf(`{"Account": "222222222222", "Prefixes": ["日本"]}`),
		want:       []string{"Consumers[0].Prefixes[0]…IAM takes in no policy"},
	},
	{
		name: "a prefix twice", properties: consumersOf(`{"Account": "222222222222", "Prefixes": ["a", "a/"]}`),
		want: []string{"Consumers[0].Prefixes[1]…twice"},
	},
}

var badKeys = []bad{
	{
		name: "an alias without alias/", properties: encryptionOf(`"Alias": "mine"`),
		want: []string{"Encryption.Alias…write alias/mine"},
	},
	{
		name: "an alias of AWS", properties: encryptionOf(`"Alias": "alias/aws/mine"`),
		want: []string{"Encryption.Alias…reserved"},
	},
	{
		name: "an alias with a dot", properties: encryptionOf(`"Alias": "alias/a.b"`),
		want: []string{"Encryption.Alias…letters, digits"},
	},
	{
		name:       "an alias that is too long",
		properties: encryptionOf(`"Alias": "alias/` + strings.Repeat("a", 256) + `"`),
		want:       []string{"Encryption.Alias…256 characters at most"},
	},
	{
		name:       "an alias as an ARN",
		properties: encryptionOf(`"Alias": "arn:aws:kms:ap-southeast-2:111111111111:alias/a"`),
		want:       []string{"Encryption.Alias…from alias/ on"},
	},
	{
		name: "aws/s3 as the key", properties: encryptionOf(`"KeyArn": "aws/s3"`),
		want: []string{"Encryption.KeyArn…AWS managed key…leave KeyArn out"},
	},
	{
		name: "a bare alias as the key", properties: encryptionOf(`"KeyArn": "alias/mine"`),
		want: []string{"Encryption.KeyArn…alias…full ARN"},
	},
	{
		name: "a bare id as the key", properties: encryptionOf(`"KeyArn": "1234abcd-12ab-34cd-56ef-1234567890ab"`),
		want: []string{"Encryption.KeyArn…full ARN"},
	},
	{
		name:       "a key of another region",
		properties: encryptionOf(`"KeyArn": "arn:aws:kms:eu-west-1:111111111111:key/a"`),
		want:       []string{"Encryption.KeyArn…region eu-west-1"},
	},
	{
		name:       "a key of another account",
		properties: encryptionOf(`"KeyArn": "arn:aws:kms:ap-southeast-2:222222222222:key/a"`),
		want:       []string{"Encryption.KeyArn…account 222222222222"},
	},
	{
		name:       "a key of another partition",
		properties: encryptionOf(`"KeyArn": "arn:aws-cn:kms:ap-southeast-2:111111111111:key/a"`),
		want:       []string{"Encryption.KeyArn…partition aws-cn"},
	},
	{
		name:       "a key and an alias",
		properties: encryptionOf(`"KeyArn": "arn:aws:kms:ap-southeast-2:111111111111:key/a", "Alias": "alias/a"`),
		want:       []string{"Encryption…both KeyArn and Alias"},
	},
	{
		name: "too short a rotation", properties: encryptionOf(`"RotationPeriodInDays": 89`),
		want: []string{"Encryption.RotationPeriodInDays…89…90 to 2560"},
	},
	{
		name: "too long a rotation", properties: encryptionOf(`"RotationPeriodInDays": "2561"`),
		want: []string{"Encryption.RotationPeriodInDays…2561"},
	},
	{
		name: "too short a window", properties: encryptionOf(`"DeletionWindowInDays": 6`),
		want: []string{"Encryption.DeletionWindowInDays…6…7 to 30"},
	},
	{
		name: "too long a window", properties: encryptionOf(`"DeletionWindowInDays": 31`),
		want: []string{"Encryption.DeletionWindowInDays…31"},
	},
	{
		name: "days that are no number", properties: encryptionOf(`"DeletionWindowInDays": "a month"`),
		want: []string{"Encryption.DeletionWindowInDays…whole number…a month"},
	},
}

var badDelegates = []bad{
	{
		name:       "a role of IAM Identity Center",
		properties: delegatesOf(`{"Role": "AWSReservedSSO_Analyst_0123456789abcdef"}`),
		want:       []string{"Delegates[0].Role…only AWS can change…permission set"},
	},
	{
		name: "a service-linked role", properties: delegatesOf(`{"Role": "AWSServiceRoleForSupport"}`),
		want: []string{"Delegates[0].Role…service-linked"},
	},
	{
		name: "a user by ARN", properties: delegatesOf(`{"User": "arn:aws:iam::111111111111:user/path/ann"}`),
		want: []string{"Delegates[0].User…write ann"},
	},
	{
		name: "a user's name with a space", properties: delegatesOf(`{"User": "ann lee"}`),
		want: []string{"Delegates[0].User…letters, digits"},
	},
	{
		name: "a user and a role", properties: delegatesOf(`{"User": "ann", "Role": "r"}`),
		want: []string{"Delegates[0]…User and Role…exactly one"},
	},
	{
		name: "no delegate", properties: delegatesOf(`{"Access": "Read"}`),
		want: []string{"Delegates[0]…nobody"},
	},
	{
		name: "a delegate twice", properties: delegatesOf(`{"User": "ann"}, {"User": ["bob", "ann"]}`),
		want: []string{"Delegates[1].User[1]…declared already at Delegates[0].User"},
	},
}

var badRest = []bad{
	{
		name: "an unknown property", properties: with(`"Consumer": []`),
		want: []string{"Consumer…unknown property…did you mean Consumers?"},
	},
	{
		name: "a property like no other", properties: with(`"Lifecycle": 1`),
		want: []string{"Lifecycle…known are Adopt, BucketName"},
	},
	{
		name: "a list that is an object", properties: with(`"Consumers": {"Account": "222222222222"}`),
		want: []string{"Consumers…a list expected, got an object"},
	},
	{
		name: "an object that is a string", properties: with(`"Encryption": "on"`),
		want: []string{`Encryption…an object expected, got "on"`},
	},
	{
		name: "a bool that is none", properties: with(`"Adopt": "yes"`),
		want: []string{`Adopt…true or false expected, got "yes"`},
	},
	{
		name: "an unknown versioning", properties: with(`"Versioning": "enabled"`),
		want: []string{"Versioning…did you mean Enabled?"},
	},
	{
		name: "an unknown removal policy", properties: with(`"RemovalPolicy": "Destroy"`),
		want: []string{"RemovalPolicy…Destroy…known are Delete, Empty, Retain"},
	},
	{
		name:       "re-encrypting what is not adopted",
		properties: with(`"Encryption": {"ExistingObjects": "ReEncrypt"}`),
		want:       []string{"Encryption.ExistingObjects…for a bucket with Adopt"},
	},
	{
		name: "an unknown word for what exists", properties: with(`"Encryption": {"ExistingObjects": "Rewrite"}`),
		want: []string{"Encryption.ExistingObjects…Rewrite…known are ReEncrypt, Report"},
	},
	{
		name: "adopting and deleting", properties: with(`"Adopt": true, "RemovalPolicy": "Delete"`),
		want: []string{"RemovalPolicy…contradicts Adopt"},
	},
	{
		name: "a tag of AWS", properties: with(`"Tags": {"aws:x": "y"}`),
		want: []string{"Tags.aws:x…reserved"},
	},
	{
		name: "a tag of ours", properties: with(`"Tags": {"sharedbucket:stack-id": "y"}`),
		want: []string{"Tags.sharedbucket:stack-id…choose another"},
	},
	{
		name:       "everything at once",
		properties: `{"BucketName": "Bucket", "Consumers": [{"Account": "1"}, {}], "Versioning": "on", "Extra": 1}`,
		want: []string{
			"Extra…unknown property",
			"BucketName…lower-case",
			"Consumers[0].Account…twelve digits",
			"Consumers[1]…nobody",
			"Versioning…unknown value",
		},
	},
}

func accessWith(rest string) string {
	return `{"BucketName": "account-a-bucket", "OwnerAccount": "111111111111", ` + rest + `}`
}

var badAccesses = []bad{
	{
		name: "nothing", properties: `{}`,
		want: []string{"BucketName…required", "OwnerAccount…required"},
	},
	{
		name:       "its own account as the owner",
		properties: `{"BucketName": "account-a-bucket", "OwnerAccount": "222222222222"}`,
		want:       []string{"OwnerAccount…account of this resource…Delegates"},
	},
	{
		name: "an owner that is no account", properties: `{"BucketName": "account-a-bucket", "OwnerAccount": "1"}`,
		want: []string{"OwnerAccount…twelve digits"},
	},
	{
		name:       "a key of another account than the owner's",
		properties: accessWith(`"KeyArn": "arn:aws:kms:ap-southeast-2:333333333333:key/a"`),
		want:       []string{"KeyArn…333333333333"},
	},
	{
		name:       "a key of another region than declared",
		properties: accessWith(`"Region": "eu-west-1", "KeyArn": "arn:aws:kms:ap-southeast-2:111111111111:key/a"`),
		want:       []string{"KeyArn…region ap-southeast-2"},
	},
	{
		name: "a region that is none", properties: accessWith(`"Region": "Sydney"`),
		want: []string{"Region…region's code"},
	},
	{
		name: "an alias KMS would refuse", properties: accessWith(`"Alias": "alias/a b"`),
		want: []string{"Alias…letters"},
	},
	{
		name: "a policy name IAM would refuse", properties: accessWith(`"PolicyName": "a b"`),
		want: []string{"PolicyName…letters"},
	},
	{
		name: "a reserved role", properties: accessWith(`"Grantees": [{"Role": "AWSReservedSSO_A_0123456789abcdef"}]`),
		want: []string{"Grantees[0].Role…permission set"},
	},
	{
		name: "an unknown property", properties: accessWith(`"OwnerAcount": "1"`),
		want: []string{"OwnerAcount…did you mean OwnerAccount?"},
	},
}
