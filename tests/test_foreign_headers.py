"""Which column is which field: headers in four languages, slips of the pen, what was told, and what is no field."""

import tomllib
from pathlib import Path

import pytest

from lrflow.catalogue import KINDS
from lrflow.errors import Misused
from lrflow.lists import headers as module
from lrflow.lists.headers import Matched, key_of, match

WORDS = tomllib.loads(Path(module.__file__).with_name("headers.toml").read_text("utf-8"))
SPECIAL = {
    *("name", "first_name", "last_name", "email", "country", "language", "zone", "organisation", "lead", "currency"),
    *("amount", "evidence:success", "evidence:challenge", "state", "id", "why", "acronym", "claimed"),
}

LISTS = {
    "participant": (
        "N°;Nom;Courriel;Téléphone;Pays;Alliance;Langue;Sexe;Rôle;Passeport valable jusqu’au",
        "S/N;Name of participant;Organisation;Country;Email;Tel;Sex (M/F);Preferred language;Visa required?",
        "Participant's name;Email address (required);WhatsApp number;CSA;Country;Language of communication",
        "Nombres y apellidos;E-mail;Celular;Organización;Pais;Género;Edad",
        "Nome completo;Endereço de email;Telemóvel;País;Organização;Língua;Sexo;Função na delegação",
        "Name / Nom;Email / Courriel;Country / Pays;Organisation / Structure;Phone / Téléphone",
        "Nom et prénom *;Courier;Télephone;Oragnisation;Pais",
        "Delegation;Member;Email",
    ),
    "person": ("Name;Email", "Nom;Courriel;Téléphone", "Nome;Correio;Idioma"),
    "organisation": (
        "Alliance;Country;In registry",
        "CSA;Country;Focal point email;Language",
        "Nom de l'organisation;Type;Pays;Membre du réseau",
        "Organización;País;Tipo;Correo",
    ),
    "delegation": (
        "Alliance;Chef de délégation;Point focal;Besoins d'apprentissage;Date de candidature",
        "Alianza;Jefe de delegación;Punto focal;Necesidades de aprendizaje",
        "Organisation;Visiting;Applied on;Committed on",
    ),
    "experience": (
        "Title;Organisation;Country;Place;Themes;Good practice;Innovation;Evidence of success;Challenge addressed",
        "Titre de l'expérience;Structure porteuse;Lieu;Domaines thématiques;Bonne pratique;Preuves de réussite",
        "Nombre de la experiencia;Organización;Lugar;Áreas temáticas;Buena práctica;Innovación;Desafío abordado",
        "Título;Organização;Local;Eixos temáticos;Boa prática;Inovação;Evidências;Desafio",
    ),
    "case": ("Expérience;Auteur;Comment;Qui;Quoi;Leçons;Validé le", "Experience;Author;How;Who;What;Lessons learned"),
    "evidence": ("Experience id;What it proves;Evidence;Link;Date",),
    "objective": ("Learning objective;Type;Area", "Objetivo;Tipo;Área"),
    "champion": (
        "Champion;Email;Experience;Role;Training date;Outcome",
        "Nombre;Correo;Experiencia;Rol;Fecha de formación;Resultado",
    ),
    "session": ("Date;Activité;Lieu;Animateur;Type d'activité", "Fecha;Actividad;Lugar;Responsable;Tipo de sesión"),
    "plan": ("Titre du plan;Délégation;Durée en mois;Coût;Date de début", "Country;Alliance;Innovation;Change;Months"),
    "action": ("Plan d'action;Activité;Responsable;Échéance;Statut", "Plan;Actividad;Responsable;Fecha límite;Estado"),
    "checkin": ("Alliance;Mois;Avancement;Blocages;Aide demandée", "Alianza;Mes;Avance;Obstáculos"),
    "cascade": ("CSA;Date;Level;Number of women;Number of men", "Delegação;Data;Nível;Mulheres;Homens;Tema"),
    "sharing": ("Type;Organisation;Date d'envoi;Titre;Lien;Canal",),
    "budget": ("Ligne budgétaire;Montant;Devise;Date", "Rubrica;Valor;Moeda;Data"),
    "offer": ("Alliance;Date of offer;Strengths", "Organisation;Date de l'offre;Atouts"),
}
OTHERWISE = {  # alone in a list they are what the list needs: who, who sends them, what the objective is
    *(("participant", "person"), ("champion", "person"), ("participant", "delegation")),
    ("objective", "learning_objective"),
}
NO_FIELDS_OF_PEOPLE = (
    *("Signature", "Photo", "Passport number", "Observations", "Comments", "Arrival date", "Flight number"),
    *("Date of birth", "Title", "Civilité", "Date de naissance", "Fecha de nacimiento", "Nationality", "Adresse"),
    *("City", "Skype", "Fonction", "Poste", "Cargo", "Job title", "Emergency contact", "Allergies", "Per diem"),
)


def read(line: str, **options) -> Matched:
    return match(line.split(";"), **options)


def targets(matched: Matched) -> dict[str, str]:
    return {column.header: column.target for column in matched.columns}


@pytest.mark.parametrize(
    ("kind", "line"), [(kind, line) for kind, lines in LISTS.items() for line in lines], ids=lambda each: each[:40]
)
def test_the_headers_tell_what_the_rows_are_and_every_one_is_understood(kind, line):
    matched = read(line)

    assert matched.kind == kind
    assert set(matched.left) <= {"Passeport valable jusqu’au"}


def test_the_list_of_the_case_is_read_column_by_column():
    matched = read(LISTS["participant"][0])

    assert targets(matched) == {
        "Nom": "name",
        "Courriel": "email",
        "Téléphone": "phone",
        "Pays": "country",
        "Alliance": "organisation",
        "Langue": "language",
        "Sexe": "sex",
        "Rôle": "lead",
    }
    assert (matched.numbering, matched.left) == (("N°",), ("Passeport valable jusqu’au",))
    assert {column.how for column in matched.columns} == {"exact"}


@pytest.mark.parametrize(
    ("line", "first", "last"),
    [
        ("Nom;Prénom(s);Courriel;Structure", "Prénom(s)", "Nom"),
        ("Nombre;Apellidos;Correo;Alianza", "Nombre", "Apellidos"),
        ("Apelido;Nome;Email;Aliança", "Nome", "Apelido"),
        ("Surname;First name;Email;Country", "First name", "Surname"),
    ],
)
def test_nom_beside_prenom_is_the_last_name_and_nombre_beside_apellidos_the_first(line, first, last):
    found = targets(read(line))

    assert (found[first], found[last]) == ("first_name", "last_name")


def test_a_full_name_beside_a_first_name_stays_the_name():
    assert targets(read("Nom complet;Prénom;Courriel"))["Nom complet"] == "name"


@pytest.mark.parametrize(
    "header",
    [
        *(
            "E-mail",
            "EMAIL:",
            "e_mail",
            "Adresse électronique",
            "Email (required)",
            "E-mail *",
            "Courriel du participant",
        ),
        *("Adresse e-mail / Email", "Email 1", "Dirección de correo electrónico", "Endereço de e-mail", "Adrese email"),
    ],
)
def test_capitals_accents_hints_small_words_and_two_languages_do_not_matter(header):
    assert targets(read(f"Nom;{header};Alliance"))[header] == "email"


def test_what_is_no_field_is_left_out_and_nothing_is_taken_for_it():
    matched = match(["Nom", "Email", "Organisation", *NO_FIELDS_OF_PEOPLE])

    assert matched.left == NO_FIELDS_OF_PEOPLE
    assert matched.doubts == ()


def test_running_numbers_are_no_columns():
    for header in ("N°", "No.", "#", "Nº", "S/N", "N° d'ordre", "№", "Sl. No"):
        matched = match([header, "Nom", "Courriel", "Alliance"])

        assert (matched.numbering, matched.left) == ((header,), ())


def test_a_slip_of_the_pen_is_taken_and_said_so():
    matched = read("Nom;Télephne;Oragnisation;Email")

    assert targets(matched)["Oragnisation"] == "organisation"
    assert [column.header for column in matched.columns if column.how == "near"] == ["Télephne", "Oragnisation"]
    assert 'Oragnisation is taken for organisation (--map "Oragnisation=" if it is not)' in matched.doubts


def test_a_word_for_word_header_comes_before_a_slip():
    matched = read("Nom;Courriell;E-mail;Alliance")

    assert targets(matched)["E-mail"] == "email"
    assert "Courriell" in matched.left


def test_short_headers_are_never_slips():
    assert read("Nom;Email;Alliance;Sx").left == ("Sx",)


def test_a_field_goes_to_the_header_that_fits_it_best_and_the_other_is_named():
    matched = read("Nom;WhatsApp;Téléphone;Courriel;Alliance")

    assert targets(matched)["Téléphone"] == "phone"
    assert matched.left == ("WhatsApp",)
    assert matched.doubts == ("WhatsApp is not read: another column is phone already",)


def test_a_header_of_two_meanings_takes_the_one_that_is_free():
    alone, beside = read("Date;Activity;Place;Champion"), read("Date;Activity;Place;Champion;Type")

    assert targets(alone)["Activity"] == "kind"
    assert (targets(beside)["Activity"], targets(beside)["Type"]) == ("title", "kind")


def test_the_delegation_says_who_sends_people_unless_another_column_does():
    assert targets(read("Delegation;Name;Email"))["Delegation"] == "organisation"
    assert targets(read("Alliance;Delegation;Name;Email"))["Delegation"] == "delegation"


def test_the_reason_column_of_a_file_to_fix_is_no_field_and_a_problem_elsewhere_is():
    last, inside = read("Title;Themes;Problem"), read("Title;Problem;Themes")

    assert (targets(last).get("Problem"), last.left) == (None, ())
    assert targets(inside)["Problem"] == "evidence:challenge"


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values() if kind.name not in ("programme", "route")])
def test_every_field_is_known_by_its_own_name(kind):
    for described in KINDS[kind].fields:
        if (kind, described.name) in OTHERWISE:
            continue
        for header in (described.name, described.name.replace("_", " ").capitalize()):
            assert targets(match([header], kind=kind)) == {header: described.name}


def test_what_is_told_holds_before_what_is_remembered_and_both_before_the_header():
    told, kept = {"Kontakt": "email"}, {"Titel": "", "Kontakt": "phone", "Wer": "name"}

    matched = read("Titel;Wer;Kontakt;Mail;Pays", kind="person", told=told, remembered=kept)

    assert [(column.header, column.target, column.how) for column in matched.columns] == [
        ("Titel", "", "remembered"),
        ("Wer", "name", "remembered"),
        ("Kontakt", "email", "told"),
        ("Pays", "country", "exact"),
    ]
    assert matched.left == ("Mail",)


def test_a_field_that_is_not_there_gets_the_right_word_back():
    with pytest.raises(Misused) as fault:
        read("Nom;Kontakt", kind="person", told={"Kontakt": "emial"})

    assert fault.value.message == "person has no field 'emial' for 'Kontakt', did you mean email?"


def test_headers_that_say_nothing_of_any_kind_are_refused():
    with pytest.raises(Misused) as fault:
        read("Colour;Shape;Weight")

    assert "cannot be told what the rows are" in fault.value.message


def test_the_fingerprint_of_headers_is_the_same_in_any_order_and_in_capitals():
    assert key_of(["Nom", "Courriel"]) == key_of(["COURRIEL", "nom"])
    assert key_of(["Nom", "Courriel"]) != key_of(["Nom", "Courriel", "Pays"])


def test_every_word_for_a_header_belongs_to_a_field():
    known = {kind: {field.name for field in KINDS[kind].fields} | SPECIAL for kind in WORDS["kind"]}
    person = {field.name for field in KINDS["person"].fields} | SPECIAL

    assert [(kind, each) for kind, words in WORDS["kind"].items() for each in set(words) - known[kind]] == []
    assert set(WORDS["person"]) - person == set()


def test_no_word_for_a_header_stands_twice_under_one_field():
    lists = [*WORDS["person"].items(), *(each for words in WORDS["kind"].values() for each in words.items())]

    assert [(target, words) for target, words in lists if len(words) != len(set(words))] == []
