"""The OpenAPI document says what the server does."""

import re
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from dawr.messages import COMMANDS, GiveFeedback, NoteClock, StartDay, StepAside, StepBack
from dawr.orders import ORDERS, OrderSheet
from server.access.device_routes import DEVICE_ASKS, DEVICE_VIEWS
from server.access.routes import PEOPLE_ASKS, PEOPLE_VIEWS
from server.administration.routes import SETTINGS_ASKS, SETTINGS_VIEWS
from server.audit.routes import AUDIT_VIEWS
from server.interface.openapi import document
from server.interface.routes import COMMAND_ROUTES, VIEW_ROUTES
from tests.server.running import RunningServer

DOCUMENT = document()
OPERATIONS = {
    f"{method} {path}": operation for path, item in DOCUMENT["paths"].items() for method, operation in item.items()
}


def test_the_document_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_the_server_gives_the_document(hall_server: RunningServer) -> None:
    assert hall_server.get("/openapi.json").json == DOCUMENT


def test_every_command_but_the_servers_own_can_be_sent() -> None:
    own = {GiveFeedback, StepAside, StepBack, StartDay, NoteClock, OrderSheet}
    asked_for = {*COMMANDS.values(), *ORDERS.values()} - own
    assert {route.command for route in COMMAND_ROUTES} == asked_for


def test_every_route_is_documented_once() -> None:
    routes = [f"post {route.path}" for route in (*COMMAND_ROUTES, *SETTINGS_ASKS, *DEVICE_ASKS)]
    routes += [f"{ask.method.lower()} {ask.path}" for ask in PEOPLE_ASKS]
    views = (*VIEW_ROUTES, *SETTINGS_VIEWS, *AUDIT_VIEWS, *DEVICE_VIEWS, *PEOPLE_VIEWS)
    routes += [f"get {route.path}" for route in views]
    assert sorted(routes) == sorted(OPERATIONS)
    assert len({operation["operationId"] for operation in OPERATIONS.values()}) == len(OPERATIONS)


def test_every_reference_leads_somewhere() -> None:
    assert set(references(DOCUMENT)) <= set(DOCUMENT["components"]["schemas"])


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"].rpartition("/")[2]] if isinstance(value.get("$ref"), str) else []
        return own + [one for inner in value.values() for one in references(inner)]
    return [one for inner in value for one in references(inner)] if isinstance(value, list) else []


def test_what_stands_in_the_path_is_a_parameter_and_not_in_the_body() -> None:
    for name, operation in OPERATIONS.items():
        in_path = set(re.findall(r"{(\w+)}", name))
        assert in_path == {one["name"] for one in operation["parameters"] if one["in"] == "path"}, name
        body = operation.get("requestBody")
        if body:
            schema = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert not in_path & set(DOCUMENT["components"]["schemas"][schema]["properties"]), name


def test_every_field_is_explained() -> None:
    plain = {"Moment"}  # a dataclass, explained as a whole
    missing = [
        f"{name}.{field}"
        for name, schema in DOCUMENT["components"]["schemas"].items()
        if name not in plain
        for field, about in schema.get("properties", {}).items()
        if not about.get("description")
    ]
    assert missing == []
