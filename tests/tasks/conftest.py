from tests.prefect_session import prefect_server, workspace

__all__ = ["prefect_server", "workspace"]
