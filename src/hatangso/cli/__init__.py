"""The command line: one verb per public function; read, call, write."""
