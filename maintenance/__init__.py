"""What keeps the repository true.

`generated` writes every file that is made from another one, by `requirements`, `licenses`,
`dashboard`, `openapi` and `tables` (`openapi_document`, of contracts and `openapi_schemas`).
`workflows` runs the jobs of .github/workflows here, in `copies` of the project.
`imports` prints who imports whom.
"""
