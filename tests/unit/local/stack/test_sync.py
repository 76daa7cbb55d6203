"""`make sync` shows what a developer waits for, and nothing else of what SAM says."""

from local.stack.sync import told

# As SAM 1.170 prints it.
NOISE = [
    "WARNING: Your template includes a deployment configuration that will create an additional",
    "\x1b[33mYou have enabled the --code flag, which limits sam sync to code\x1b[0m",
    "\x1b[33mCodeTrigger not created as CodeUri or DefinitionUri is missing for HttpApi.\x1b[0m",
    "Building codeuri: functions/uploader runtime: python3.13 functions: UploaderFunction",
    "UploaderFunction: Running CustomMakeBuilder:MakeBuild",
]


FAULTY = [
    "Syncing Lambda Function UploaderFunction...",
    "*** Error compiling '/tmp/build/UploaderFunction/uploader/handler.py'...",
    '  File "uploader/handler.py", line 97',
    "    def (",
    "SyntaxError: invalid syntax",
    "Code sync encountered an error.",
    "    raise MakeExecutionError(message)",
    "samcli.lib.build.exceptions.BuildError: CustomMakeBuilder:MakeBuild - Make Failed",
]


def test_changes_and_when_they_run_are_told() -> None:
    """Everything else is in the log."""
    lines = [
        *NOISE,
        "this role will produce an error as the role will be removed, failed",
        "\x1b[32mSync watch started.\x1b[0m",
        "Syncing Lambda Function UploaderFunction...",
        *NOISE,
        "\x1b[32mFinished syncing Lambda Function UploaderFunction.\x1b[0m",
    ]

    watching, changed, runs = told(lines)

    assert watching.startswith("Watching")
    assert changed.endswith("UploaderFunction changed")
    assert "UploaderFunction runs the change" in runs


def test_code_that_does_not_compile_is_told_once_with_its_place() -> None:
    """SAM repeats it in forty-five lines of tracebacks."""
    sentences = list(
        told(["Sync watch started.", *FAULTY, *FAULTY[:1], "Other Error: one", *FAULTY])
    )

    faults = [sentence for sentence in sentences if "not taken" in sentence]
    assert faults[0].endswith("UploaderFunction/uploader/handler.py does not compile")
    assert sentences[3:6] == [f"    {line}" for line in FAULTY[2:5]]
    assert len(faults) == 3
