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


def test_watching_changes_and_faults_are_told() -> None:
    """Everything else is in the log."""
    lines = [
        *NOISE,
        "\x1b[32mSync watch started.\x1b[0m",
        "Syncing Lambda Function UploaderFunction...",
        *NOISE,
        "\x1b[32mFinished syncing Lambda Function UploaderFunction.\x1b[0m",
        "functions/uploader/uploader/handler.py does not compile: invalid syntax",
    ]

    sentences = list(told(lines))

    assert [sentence.split(" ", 1)[0] for sentence in sentences[:1]] == ["Watching"]
    assert sentences[1].endswith("UploaderFunction changed")
    assert "UploaderFunction runs the change" in sentences[2]
    assert "not taken" in sentences[3]
    assert "does not compile" in sentences[3]
    assert len(sentences) == 4
