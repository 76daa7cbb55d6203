"""Single faults that pass unseen and do no harm, each with the reason; `single_faults` makes them.

Keys are the names that it gives, as patterns of a shell. One that matches no unseen fault fails the
nightly run.
"""

WITHIN_BOUNDS = "a number that may be tuned, within the bounds that its table says"
AS_BY_DEFAULT = "it says what AWS does anyway"
A_QUERY_IS_READ = "a person reads the result, and sees what is there"

HARMLESS: dict[str, str] = {
    "Resources/*Alarm/Properties/Threshold: *": WITHIN_BOUNDS,
    "Resources/*Alarm/Properties/ActionsEnabled: added": AS_BY_DEFAULT,
    "Resources/*Alarm/Properties/DatapointsToAlarm: added*": AS_BY_DEFAULT,
    "Rules/ZonesDiffer/RuleCondition/*": "both zones are given or none, as another rule says",
    "Resources/*Query/Properties/QueryString: *": A_QUERY_IS_READ,
    "Resources/BackupVault/Properties/BackupVaultName/*/Fn::Split/1: changed": (
        "what stands behind the last slash is not selected"
    ),
}
