"""Single faults that pass unseen and do no harm, each with the reason; `single_faults` makes them.

Keys are the names that it gives, as patterns of a shell. One that matches no unseen fault fails the
nightly run.
"""

WITHIN_BOUNDS = "a number that may be tuned, within the bounds that its table says"
AS_BY_DEFAULT = "it says what AWS does anyway"
OF_EACH = "every function has its own"
AS_IN_GLOBALS = "it says what Globals says"
A_QUERY_IS_READ = "a person reads the result, and sees what is there"

HARMLESS: dict[str, str] = {
    "Resources/*Alarm/Properties/Threshold: *": WITHIN_BOUNDS,
    "Resources/*Alarm/Properties/ActionsEnabled: added": AS_BY_DEFAULT,
    "Resources/*Alarm/Properties/DatapointsToAlarm: added*": AS_BY_DEFAULT,
    "Conditions/HasZones/Fn::Not/0/Fn::Equals/0: another": (
        "both zones are given or none, as a rule of the template says"
    ),
    "Rules/BudgetNeedsTheRest/*/Fn::Contains/0/16: added": "no region has that name",
    "Rules/ZonesDiffer/RuleCondition/*": "both zones are given or none, as another rule says",
    "Resources/*/Properties/Events/EveryMinute/Properties/State: added": AS_BY_DEFAULT,
    "Resources/Vpc/Properties/EnableDnsSupport: dropped": AS_BY_DEFAULT,
    "Resources/*Subnet/Properties/CidrBlock/*/Fn::Cidr/1: more": "the first two are taken",
    "Globals/Function/MemorySize: added*": OF_EACH,
    "Globals/Function/Timeout: added*": OF_EACH,
    "Conditions/MakeNetwork/Fn::Equals/0/Fn::Join/0: changed": "nothing is joined to nothing",
    "Conditions/MakeNetwork/Fn::Equals/0/Fn::Join/1: another": (
        "subnets come with security groups, as a rule of the template says"
    ),
    "Conditions/MakeTargets: only 1": ("subnets come with targets, as a rule of the template says"),
    "Resources/*Function/Properties/LoggingConfig/*: added*": AS_IN_GLOBALS,
    "Resources/*Function/Properties/MemorySize: more": WITHIN_BOUNDS,
    "Resources/*Function/Properties/RecursiveLoop: added*": AS_IN_GLOBALS,
    "Resources/*Role/Properties/Policies/*/PolicyName: *": "a name for people",
    "Resources/*Bucket/Properties/LifecycleConfiguration/*: more": WITHIN_BOUNDS,
    "Resources/*Query/Properties/QueryString: *": A_QUERY_IS_READ,
    "Resources/BackupVault/Properties/BackupVaultName/*/Fn::Split/1: changed": (
        "what stands behind the last slash is not selected"
    ),
    "Resources/*Function/Properties/VersionDescription: added": (
        "no version of this function is published"
    ),
    "Resources/LatencyProbeFunction/Properties/Environment/Variables/*: more": WITHIN_BOUNDS,
    "Resources/LatencyProbeFunction/Properties/Environment/Variables/*: less": WITHIN_BOUNDS,
    "Resources/MessageQueue/Properties/RedrivePolicy/maxReceiveCount: more": WITHIN_BOUNDS,
    "Resources/BackupPlan/*/DeleteAfterDays: more": WITHIN_BOUNDS,
    "Resources/ProbeSubnet/*/Fn::Cidr/1: less": "the first is taken",
    "Resources/TargetTemplate/*/Fn::Base64: another line 8": (
        "it runs when the kernel fails to take a connection; systemd then starts the listener again"
    ),
    "Resources/UploaderFunction/Properties/Events/Messages/Properties/Enabled: added": (
        AS_BY_DEFAULT
    ),
}
