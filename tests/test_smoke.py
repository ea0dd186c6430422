def test_a_route_opens_and_enters_identification(route):
    status = route.do("status --json").data["routes"][0]

    assert status["stage"] == "identification"
    assert route.failing() == ["experiences-selected", "objectives-defined"]
