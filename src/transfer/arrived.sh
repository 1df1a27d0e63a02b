#!/bin/bash
m=$(command -v mariadb || command -v mysql) || exit 127
"$m" -NBe 'SELECT COALESCE(SUM(data_length + index_length), 0), COALESCE(SUM(table_rows), 0)
  FROM information_schema.tables WHERE table_schema = CONVERT(0x'"$1"' USING utf8mb4)'
