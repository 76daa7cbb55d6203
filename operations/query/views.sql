-- Written by `make generated`, from the contracts and operations/query/views.py.
-- `make views` brings these views to a deployed stack; the one-machine stack has them.

CREATE OR REPLACE VIEW "all_messages" AS
SELECT
  message_id,
  contract,
  contract_version,
  client,
  received_at,
  context,
  dt,
  hour,
  message,
  object_uri
FROM (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY contract, dt, hour, message_id ORDER BY client NULLS LAST, object_uri
    ) AS delivery
  FROM (
    SELECT
      regexp_extract("$path", '_([0-9a-f-]{36})\.json$', 1) AS message_id,
      contract,
      CAST(NULL AS varchar) AS contract_version,
      CAST(NULL AS varchar) AS client,
      regexp_replace(
        "$path",
        '^.*/([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2}[.][0-9]{3}Z)_[^/]*$',
        '$1-$2-$3T$4:$5:$6'
      ) AS received_at,
      CAST(NULL AS varchar) AS context,
      dt,
      hour,
      line AS message,
      "$path" AS object_uri
    FROM raw_messages
    UNION ALL
    SELECT
      regexp_extract(line, '"message_id": "([^"]*)"', 1),
      contract,
      regexp_extract(line, '"contract_version": "([^"]*)"', 1),
      regexp_extract(line, '"client": "([^"]*)"', 1),
      regexp_extract(line, '"received_at": "([^"]*)"', 1),
      json_extract_scalar(
        concat(substr(line, 1, strpos(line, ', "message": ') - 1), '}'), '$.context'
      ),
      dt,
      hour,
      substr(
        line,
        strpos(line, '"message": ') + 11,
        length(line) - strpos(line, '"message": ') - 11
      ),
      "$path"
    FROM raw_batches
  ) AS deliveries
) AS messages
WHERE delivery = 1;

CREATE OR REPLACE VIEW "any_object" AS
SELECT
  message_id,
  contract_version,
  client,
  received_at,
  context,
  dt,
  hour,
  message,
  object_uri
FROM all_messages
WHERE contract = 'any-object';

CREATE OR REPLACE VIEW "canary" AS
SELECT
  json_extract_scalar(message, '$.sent_at') AS "sent_at",
  message_id,
  contract_version,
  client,
  received_at,
  context,
  dt,
  hour,
  message,
  object_uri
FROM all_messages
WHERE contract = 'canary';

CREATE OR REPLACE VIEW "email" AS
SELECT
  json_extract_scalar(message, '$.email_subject') AS "email_subject",
  json_extract_scalar(message, '$.email_sender') AS "email_sender",
  json_extract_scalar(message, '$.email_timestream') AS "email_timestream",
  json_extract_scalar(message, '$.email_content') AS "email_content",
  message_id,
  contract_version,
  client,
  received_at,
  context,
  dt,
  hour,
  message,
  object_uri
FROM all_messages
WHERE contract = 'email';

CREATE OR REPLACE VIEW "four_fields" AS
SELECT
  message_id,
  contract_version,
  client,
  received_at,
  context,
  dt,
  hour,
  message,
  object_uri
FROM all_messages
WHERE contract = 'four-fields';

CREATE OR REPLACE VIEW "timestamped" AS
SELECT
  json_extract_scalar(message, '$.email_timestream') AS "email_timestream",
  message_id,
  contract_version,
  client,
  received_at,
  context,
  dt,
  hour,
  message,
  object_uri
FROM all_messages
WHERE contract = 'timestamped';
