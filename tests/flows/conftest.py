from tests.prefect_session import module_workspace, prefect_server, workspace

__all__ = ["module_workspace", "prefect_server", "workspace"]
